resource "terraform_data" "old" { input = "old" }
resource "terraform_data" "b" { input = terraform_data.old.id }
resource "terraform_data" "c" {
  triggers_replace = terraform_data.old.id
}
