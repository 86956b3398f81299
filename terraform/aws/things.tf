locals {
  devices = toset([for file in fileset(var.csr_folder, "devices/*.csr") : trimsuffix(basename(file), ".csr")])
  bridges = toset([for file in fileset(var.csr_folder, "bridges/*.csr") : trimsuffix(basename(file), ".csr")])
  clients = merge(
    { for name in local.devices : name => { csr = "${var.csr_folder}/devices/${name}.csr", policy = aws_iot_policy.device.name } },
    { for name in local.bridges : name => { csr = "${var.csr_folder}/bridges/${name}.csr", policy = aws_iot_policy.bridge.name } },
  )
}

resource "aws_iot_thing_type" "device" {
  name = "${var.name}-device"
  properties {
    description = "How's it going? a device that reads faces"
  }
}

resource "aws_iot_thing_type" "bridge" {
  name = "${var.name}-bridge"
  properties {
    description = "How's it going? the broker of a home"
  }
}

# A thing's name is the device's id, its client id and the middle of its topics: the policies rest on that.
resource "aws_iot_thing" "client" {
  for_each = local.clients

  name            = each.key
  thing_type_name = contains(local.devices, each.key) ? aws_iot_thing_type.device.name : aws_iot_thing_type.bridge.name
}

# From the CSR alone: the private key never leaves the device, and is in no state.
resource "aws_iot_certificate" "client" {
  for_each = local.clients

  csr    = file(each.value.csr)
  active = !contains(var.revoked, each.key)

  lifecycle {
    precondition {
      condition     = can(regex("-----BEGIN (NEW )?CERTIFICATE REQUEST-----", file(each.value.csr))) && !can(regex("PRIVATE KEY", file(each.value.csr)))
      error_message = "${each.value.csr} is not a certificate signing request. Take the one that 'howsitgoing aws join' writes; a private key belongs nowhere but on its device."
    }
  }
}

resource "aws_iot_thing_principal_attachment" "client" {
  for_each = local.clients

  thing     = aws_iot_thing.client[each.key].name
  principal = aws_iot_certificate.client[each.key].arn
}

resource "aws_iot_policy_attachment" "client" {
  for_each = local.clients

  policy = each.value.policy
  target = aws_iot_certificate.client[each.key].arn
}
