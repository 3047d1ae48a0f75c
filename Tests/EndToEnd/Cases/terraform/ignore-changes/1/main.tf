resource "terraform_data" "a" {
  input            = "one"
  triggers_replace = "one"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "b" {
  input            = "one"
  triggers_replace = "one"
  lifecycle { ignore_changes = [triggers_replace] }
}
resource "terraform_data" "c" {
  input = "one"
  lifecycle { ignore_changes = all }
}
