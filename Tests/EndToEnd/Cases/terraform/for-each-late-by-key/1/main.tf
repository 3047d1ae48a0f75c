resource "terraform_data" "n" { input = ["p", "q"] }
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input    = each.key
}
resource "terraform_data" "d" {
  for_each = toset(terraform_data.n.input)
  input    = terraform_data.a["x"].id
}
