resource "terraform_data" "a" {
  for_each = toset(["x"])
  input    = "a"
}
resource "terraform_data" "b" {
  count = 2
  input = "b"
}
