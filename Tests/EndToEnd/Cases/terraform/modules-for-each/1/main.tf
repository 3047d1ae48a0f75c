module "zone" {
  source   = "./zone"
  for_each = { a = 1, b = 2 }
  size     = each.value
  name     = each.key
}
resource "terraform_data" "all" { input = [for z in module.zone : z.id] }
resource "terraform_data" "one" { input = module.zone["a"].id }
output "sizes" { value = { for k, z in module.zone : k => z.size } }
