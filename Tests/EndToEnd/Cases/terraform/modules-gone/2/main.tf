module "b" { source = "./m" }
resource "terraform_data" "r" { input = module.b.id }
