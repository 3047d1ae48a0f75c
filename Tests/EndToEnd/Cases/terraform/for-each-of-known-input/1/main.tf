resource "terraform_data" "a" { input = ["x", "y"] }
resource "terraform_data" "b" {
  for_each = toset(terraform_data.a.input)
  input    = "${each.key} ${terraform_data.a.id}"
}
resource "terraform_data" "c" {
  count = length(terraform_data.b)
  input = count.index
}
