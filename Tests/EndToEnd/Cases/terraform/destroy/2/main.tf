resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.id
}
resource "terraform_data" "c" { input = terraform_data.b[*].id }
resource "terraform_data" "alone" { depends_on = [terraform_data.c] }
output "c" { value = terraform_data.c.id }
