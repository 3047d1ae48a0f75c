variable "password" {
  type      = string
  default   = "hunter2"
  sensitive = true
}
output "password" { value = "x-${var.password}" }
