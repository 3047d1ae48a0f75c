resource "terraform_data" "base" { triggers_replace = 1 }
resource "terraform_data" "net" {
  for_each = { a = "10.0.0.0/24", b = "10.0.1.0/24", c = "10.0.2.0/24" }
  input    = { cidr = each.value, base = terraform_data.base.id }
}
resource "terraform_data" "host" {
  count            = 3
  input            = terraform_data.net["a"].id
  triggers_replace = terraform_data.base.id
}
resource "terraform_data" "old" { input = terraform_data.host[*].id }
output "hosts" { value = terraform_data.host[*].id }
