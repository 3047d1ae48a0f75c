resource "terraform_data" "a" { input = 1 }
module "old" { source = "./m" }
