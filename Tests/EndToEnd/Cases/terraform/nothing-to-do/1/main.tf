resource "terraform_data" "a" { input = { x = [1, "2"] } }
resource "terraform_data" "b" {
  for_each = terraform_data.a.input
  input    = { (each.key) = each.value, id = terraform_data.a.id }
}
output "b" { value = terraform_data.b }
