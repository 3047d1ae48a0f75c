resource "terraform_data" "a" {
  count = 1
  input = count.index
}
output "ids" { value = terraform_data.a[*].id }
