resource "terraform_data" "a" { input = "a" }
output "stays" { value = "x" }
output "changes" { value = { a = 2, b = [1] } }
output "comes" { value = terraform_data.a.input }
output "hidden" {
  value     = "x"
  sensitive = true
}
output "id" { value = terraform_data.a.id }
output "nothing" { value = "something" }
