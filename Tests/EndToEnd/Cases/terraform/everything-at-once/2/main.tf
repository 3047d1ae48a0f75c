resource "terraform_data" "base" { triggers_replace = 2 }
resource "terraform_data" "net" {
  for_each = { a = "10.0.0.0/25", c = "10.0.2.0/24", d = "10.0.3.0/24" }
  input    = { cidr = each.value, base = terraform_data.base.id }
}
resource "terraform_data" "host" {
  count            = 2
  input            = terraform_data.net["a"].id
  triggers_replace = terraform_data.base.id
}
resource "terraform_data" "new" { input = terraform_data.host[*].id }
output "hosts" { value = terraform_data.host[*].id }
output "new" { value = terraform_data.new.output }
