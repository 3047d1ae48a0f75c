variable "region" {
  type    = string
  default = "eu"
}
locals {
  prefix = "x-${var.region}"
}
resource "terraform_data" "text" { input = local.prefix }
resource "terraform_data" "number" { input = 42 }
resource "terraform_data" "fraction" { input = 1.5 }
resource "terraform_data" "flag" { input = true }
resource "terraform_data" "list" { input = ["a", 1, true, null] }
resource "terraform_data" "object" { input = { a = 1, b = { c = [1, 2], d = "x" } } }
resource "terraform_data" "nothing" { input = null }
resource "terraform_data" "empty" {}
output "text" { value = local.prefix }
