resource "terraform_data" "a" { input = "a" }
output "stays" { value = "x" }
output "changes" { value = { a = 1, b = [1, 2] } }
output "goes" { value = "gone" }
output "hidden" { value = "x" }
output "id" { value = terraform_data.a.id }
output "nothing" { value = null }
