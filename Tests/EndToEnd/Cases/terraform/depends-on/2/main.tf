resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "b" {
  input      = "b"
  depends_on = [terraform_data.a]
}
resource "terraform_data" "c" {
  count      = 2
  input      = "c2"
  depends_on = [terraform_data.b]
}
output "b" { value = terraform_data.b.input }
