resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" {
  input = { id = terraform_data.a.id, list = [terraform_data.a.output, "known"], known = terraform_data.a.input }
}
resource "terraform_data" "c" { input = "${terraform_data.b.output.id}/${terraform_data.b.input.known}" }
resource "terraform_data" "d" { input = terraform_data.b.input.list[1] }
output "c" { value = terraform_data.c.output }
output "list" { value = terraform_data.b.input.list }
output "known" { value = terraform_data.b.input.known }
