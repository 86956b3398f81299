data "aws_iot_endpoint" "data" {
  endpoint_type = "iot:Data-ATS"
}

output "endpoint" {
  description = "mqtt.host of a device, and the address of a home's bridge; port 8883."
  value       = data.aws_iot_endpoint.data.endpoint_address
}

output "certificates" {
  description = "For each device and bridge its certificate, to be put beside its private key: terraform output -json certificates"
  value       = { for name, certificate in aws_iot_certificate.client : name => certificate.certificate_pem }
  sensitive   = true # no secret, but long
}

output "devices" {
  description = "The devices that may connect."
  value       = sort(setsubtract(local.devices, var.revoked))
}

output "bridges" {
  description = "The homes' brokers that may connect."
  value       = sort(setsubtract(local.bridges, var.revoked))
}
