variable "big" {
  type    = bool
  default = true
}
resource "terraform_data" "a" { input = var.big ? "big" : "small" }
resource "terraform_data" "maybe" {
  count = var.big ? 1 : 0
  input = "here"
}
resource "terraform_data" "b" { input = terraform_data.a.id == "x" ? "one" : "two" }
resource "terraform_data" "c" { input = var.big ? terraform_data.a.input : terraform_data.a.id }
resource "terraform_data" "d" { input = var.big ? terraform_data.a.id : "known" }
resource "terraform_data" "e" { input = terraform_data.a.output == "x" ? [1] : [1, 2] }
output "one" { value = one(terraform_data.maybe[*].input) }
output "e" { value = terraform_data.a.id == "x" ? 1 : 2 }
