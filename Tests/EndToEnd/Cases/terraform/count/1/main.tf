resource "terraform_data" "a" {
  count = 3
  input = "a-${count.index}"
}
resource "terraform_data" "first" { input = terraform_data.a[0].output }
resource "terraform_data" "all" { input = terraform_data.a[*].id }
resource "terraform_data" "none" {
  count = 0
  input = "x"
}
output "count" { value = length(terraform_data.a) }
output "inputs" { value = terraform_data.a[*].input }
output "none" { value = length(terraform_data.none) }
