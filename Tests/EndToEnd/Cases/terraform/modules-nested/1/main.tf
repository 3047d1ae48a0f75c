resource "terraform_data" "seed" { triggers_replace = 1 }
module "outer" {
  source = "./outer"
  count  = 2
  seed   = terraform_data.seed.id
}
output "ids" { value = module.outer[*].id }
