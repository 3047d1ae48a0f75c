resource "terraform_data" "a" {
  for_each = toset(["b", "d"])
  input    = each.key
}
resource "terraform_data" "b" {
  for_each = toset(["b", "d"])
  input    = terraform_data.a[each.key].output
}
