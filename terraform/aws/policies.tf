data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  iot   = "arn:${data.aws_partition.this.partition}:iot:${var.region}:${data.aws_caller_identity.this.account_id}"
  thing = "$${iot:Connection.Thing.ThingName}"
  own   = "howsitgoing/${local.thing}"

  # as in the contract; a test compares them
  retained  = ["availability", "info", "mood", "settings", "health"]
  passing   = ["event", "face", "error"]
  commanded = ["set/*", "say", "update"]

  # what a certificate may do only while it is attached to the thing whose name it connects with
  connect = {
    Effect    = "Allow"
    Action    = "iot:Connect"
    Resource  = "${local.iot}:client/${local.thing}"
    Condition = { Bool = { "iot:Connection.Thing.IsAttached" = "true" } }
  }
}

# One policy for all devices: each may speak on its own topics, and hear its own commands. It cannot command itself or another.
resource "aws_iot_policy" "device" {
  name = "${var.name}-device"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.connect,
      {
        Effect   = "Allow"
        Action   = ["iot:Publish", "iot:RetainPublish"] # the will, too, is a retained message
        Resource = [for topic in local.retained : "${local.iot}:topic/${local.own}/${topic}"]
      },
      {
        Effect   = "Allow"
        Action   = "iot:Publish"
        Resource = [for topic in local.passing : "${local.iot}:topic/${local.own}/${topic}"]
      },
      {
        # its commands, and what is said of it: a device that hears that it is offline knows better
        Effect   = "Allow"
        Action   = "iot:Subscribe"
        Resource = [for filter in ["set/#", "say", "update", "availability"] : "${local.iot}:topicfilter/${local.own}/${filter}"]
      },
      {
        Effect   = "Allow"
        Action   = "iot:Receive" # of what it may subscribe to; all of it by name would be longer than AWS allows
        Resource = "${local.iot}:topic/${local.own}/*"
      },
    ]
  })
}

# The broker of a home: hears the devices, and commands them. It cannot speak in a device's name.
resource "aws_iot_policy" "bridge" {
  name = "${var.name}-bridge"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.connect,
      {
        Effect   = "Allow"
        Action   = "iot:Publish"
        Resource = [for topic in local.commanded : "${local.iot}:topic/howsitgoing/*/${topic}"]
      },
      {
        Effect   = "Allow"
        Action   = "iot:Subscribe"
        Resource = "${local.iot}:topicfilter/howsitgoing/*"
      },
      {
        Effect   = "Allow"
        Action   = "iot:Receive"
        Resource = "${local.iot}:topic/howsitgoing/*"
      },
    ]
  })
}
