resource "terraform_data" "z" { input = 2 }
resource "terraform_data" "b" { input = terraform_data.z.id }
resource "terraform_data" "n" {
  for_each = { x = 0, y = 1 }
  input    = each.value
}
moved {
  from = terraform_data.a
  to   = terraform_data.middle
}
moved {
  from = terraform_data.middle
  to   = terraform_data.z
}
moved {
  from = terraform_data.n[0]
  to   = terraform_data.n["x"]
}
moved {
  from = terraform_data.n[1]
  to   = terraform_data.n["y"]
}
