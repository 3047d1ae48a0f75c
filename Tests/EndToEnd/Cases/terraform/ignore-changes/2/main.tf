resource "terraform_data" "a" {
  input            = "two"
  triggers_replace = "two"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "b" {
  input            = "two"
  triggers_replace = "two"
  lifecycle { ignore_changes = [triggers_replace] }
}
resource "terraform_data" "c" {
  input            = "two"
  triggers_replace = "two"
  lifecycle { ignore_changes = all }
}
