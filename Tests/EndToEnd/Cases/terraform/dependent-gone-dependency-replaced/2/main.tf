resource "terraform_data" "a" { triggers_replace = 2 }
resource "terraform_data" "c" {
  count = 1
  input = terraform_data.a.id
}
