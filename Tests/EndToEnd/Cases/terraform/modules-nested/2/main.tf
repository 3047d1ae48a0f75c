resource "terraform_data" "seed" { triggers_replace = 2 }
module "outer" {
  source = "./outer"
  count  = 1
  seed   = terraform_data.seed.id
}
output "ids" { value = module.outer[*].id }
