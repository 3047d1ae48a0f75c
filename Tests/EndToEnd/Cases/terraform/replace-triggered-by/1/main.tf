resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  input = "b"
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "c" {
  input = "c"
  lifecycle { replace_triggered_by = [terraform_data.b.id] }
}
resource "terraform_data" "still" {
  input = "still"
  lifecycle { replace_triggered_by = [terraform_data.other] }
}
resource "terraform_data" "other" { input = "other" }
