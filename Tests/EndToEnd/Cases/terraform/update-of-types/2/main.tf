resource "terraform_data" "number" { input = "1" }
resource "terraform_data" "list" { input = ["a", "b", "c"] }
resource "terraform_data" "map" { input = { a = "1", b = "2" } }
resource "terraform_data" "gone" {}
resource "terraform_data" "come" { input = "x" }
resource "terraform_data" "same" { input = { a = [1, { b = null }] } }
