resource "terraform_data" "a" {
  count = 1
  input = "a-${count.index}"
}
resource "terraform_data" "b" {
  count = 1
  input = terraform_data.a[count.index].id
}
output "inputs" { value = terraform_data.a[*].input }
