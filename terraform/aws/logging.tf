# Who came and went, and why: AWS IoT's lifecycle events, written to a log of our own. The moods are not in it.
resource "aws_iot_topic_rule" "presence" {
  name        = "${replace(var.name, "-", "_")}_presence"
  description = "Logs when a device or bridge connects or disconnects"
  enabled     = true
  sql         = "SELECT clientId, eventType, disconnectReason, timestamp FROM '$aws/events/presence/+/+'"
  sql_version = "2016-03-23"

  cloudwatch_logs {
    log_group_name = aws_cloudwatch_log_group.presence.name
    role_arn       = aws_iam_role.logs.arn
  }
}

resource "aws_cloudwatch_log_group" "presence" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own; it holds names of devices and times
  #checkov:skip=CKV_AWS_338:when somebody's aid was switched on is nobody's business after a month
  name              = "/${var.name}/presence"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "iot" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own; it holds names of devices and topics, no payload
  #checkov:skip=CKV_AWS_338:after a month nobody needs to know which connection was refused
  count = var.manage_logging ? 1 : 0

  name              = "AWSIotLogsV2" # AWS IoT's own name for it
  retention_in_days = var.log_retention_days
}

resource "aws_iot_logging_options" "this" {
  count = var.manage_logging ? 1 : 0

  default_log_level = "WARN" # refused connections and topics are among it
  role_arn          = aws_iam_role.logs.arn

  depends_on = [aws_iam_role_policy.logs, aws_cloudwatch_log_group.iot]
}

resource "aws_iam_role" "logs" {
  name        = "${var.name}-logs"
  description = "AWS IoT writes its logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "iot.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [for group in concat([aws_cloudwatch_log_group.presence], aws_cloudwatch_log_group.iot) : "${group.arn}:*"
      ]
    }]
  })
}
