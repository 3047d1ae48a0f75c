variable "name" { default = "n" }
resource "terraform_data" "a" { input = var.name }
module "net" {
  source = "./net"
  name   = var.name
  seed   = terraform_data.a.output
}
module "plain" {
  source = "./plain"
}
resource "terraform_data" "b" { input = module.net.id }
output "id" { value = module.net.id }
output "known" { value = module.net.name }
