resource "terraform_data" "a" { triggers_replace = 1 }
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" {
  count = 2
  input = terraform_data.a.id
}
