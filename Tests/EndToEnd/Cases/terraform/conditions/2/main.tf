variable "size" {
  type    = number
  default = 7
}
resource "terraform_data" "a" {
  input = var.size
  lifecycle {
    precondition {
      condition     = var.size < 5
      error_message = "Too big."
    }
  }
}
