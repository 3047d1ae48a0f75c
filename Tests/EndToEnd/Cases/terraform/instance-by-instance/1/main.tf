resource "terraform_data" "a" {
  for_each         = toset(["x", "y"])
  triggers_replace = "one"
}
resource "terraform_data" "b" {
  for_each         = toset(["x", "y"])
  triggers_replace = terraform_data.a[each.key].id
}
resource "terraform_data" "c" {
  for_each = terraform_data.b
  input    = each.value.id
}
