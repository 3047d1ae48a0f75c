resource "terraform_data" "a" {
  for_each = toset(["a", "b", "c"])
  input    = each.key
}
resource "terraform_data" "b" {
  for_each = toset(["a", "b", "c"])
  input    = terraform_data.a[each.key].output
}
