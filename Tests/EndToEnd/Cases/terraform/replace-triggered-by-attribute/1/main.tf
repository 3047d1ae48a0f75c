resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input    = { size = 1, name = each.key }
}
resource "terraform_data" "by_id" {
  lifecycle { replace_triggered_by = [terraform_data.a["x"].id] }
}
resource "terraform_data" "by_size" {
  lifecycle { replace_triggered_by = [terraform_data.a["x"].input.size] }
}
resource "terraform_data" "by_other" {
  lifecycle { replace_triggered_by = [terraform_data.a["y"]] }
}
resource "terraform_data" "by_key" {
  for_each = toset(["x", "y"])
  lifecycle { replace_triggered_by = [terraform_data.a[each.key].input] }
}
