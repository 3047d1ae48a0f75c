removed {
  from = terraform_data.kept
  lifecycle { destroy = false }
}
removed {
  from = terraform_data.gone
  lifecycle { destroy = true }
}
removed {
  from = terraform_data.many
  lifecycle { destroy = false }
}
