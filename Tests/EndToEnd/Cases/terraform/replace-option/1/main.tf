resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.id
}
resource "terraform_data" "c" {
  input = terraform_data.b[1].id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "d" { input = "d" }
