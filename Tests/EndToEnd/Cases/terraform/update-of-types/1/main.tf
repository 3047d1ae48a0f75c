resource "terraform_data" "number" { input = 1 }
resource "terraform_data" "list" { input = ["a", "b"] }
resource "terraform_data" "map" { input = { a = "1" } }
resource "terraform_data" "gone" { input = "x" }
resource "terraform_data" "come" {}
resource "terraform_data" "same" { input = { a = [1, { b = null }] } }
