variable "size" {
  type    = number
  default = 3
}
resource "terraform_data" "a" {
  input = var.size
  lifecycle {
    precondition {
      condition     = var.size < 5
      error_message = "Too big."
    }
    postcondition {
      condition     = self.output < 5
      error_message = "Still too big."
    }
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
  lifecycle {
    precondition {
      condition     = terraform_data.a.output != 4
      error_message = "Not four."
    }
  }
}
