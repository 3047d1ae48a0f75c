module "new" { source = "./m" }
moved {
  from = module.old
  to   = module.new
}
moved {
  from = terraform_data.a
  to   = module.new.terraform_data.a
}
