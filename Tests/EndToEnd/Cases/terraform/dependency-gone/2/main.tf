resource "terraform_data" "new" { input = "new" }
resource "terraform_data" "b" { input = terraform_data.new.id }
resource "terraform_data" "c" {
  triggers_replace = terraform_data.new.id
}
