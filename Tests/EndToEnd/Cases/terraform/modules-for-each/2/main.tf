module "zone" {
  source   = "./zone"
  for_each = { b = 1, c = 1 }
  size     = each.value
  name     = each.key
}
resource "terraform_data" "all" { input = [for z in module.zone : z.id] }
output "sizes" { value = { for k, z in module.zone : k => z.size } }
