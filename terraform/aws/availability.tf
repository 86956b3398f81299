# A retained "offline" for what the last will leaves out: a device that said DISCONNECT and not "stopped" before, a will that AWS IoT
# did not take. The will is the first to speak, and then nothing is left to say; see docs/adr/0012.
resource "aws_iot_topic_rule" "gone" {
  name        = "${replace(var.name, "-", "_")}_gone"
  description = "Has 'offline' said of a device that disconnected"
  enabled     = true
  # DUPLICATE_CLIENTID: another connection of that name has just taken its place
  sql         = "SELECT clientId, timestamp FROM '$aws/events/presence/disconnected/+' WHERE disconnectReason <> 'DUPLICATE_CLIENTID'"
  sql_version = "2016-03-23"

  lambda {
    function_arn = aws_lambda_function.availability.arn
  }
}

resource "aws_lambda_permission" "gone" {
  function_name  = aws_lambda_function.availability.function_name
  action         = "lambda:InvokeFunction"
  principal      = "iot.amazonaws.com"
  source_arn     = aws_iot_topic_rule.gone.arn
  source_account = data.aws_caller_identity.this.account_id
}

resource "aws_lambda_function" "availability" {
  #checkov:skip=CKV_AWS_116:an event that is lost here is one that the last will has told, too
  #checkov:skip=CKV_AWS_115:a limit of its own would be taken from the account's, and devices go seldom
  #checkov:skip=CKV_AWS_117:it talks to AWS IoT alone, which is not in a network of ours
  #checkov:skip=CKV_AWS_173:its one variable is the public address of AWS IoT
  #checkov:skip=CKV_AWS_272:who may apply this may change the signature's profile, too
  #checkov:skip=CKV_AWS_50:one call of one service needs no trace
  function_name    = "${var.name}-availability"
  description      = "Says 'offline' of a device that AWS IoT saw go, where its last will did not"
  role             = aws_iam_role.availability.arn
  filename         = var.availability_zip
  source_code_hash = filebase64sha256(var.availability_zip)
  runtime          = "python3.13"
  architectures    = ["arm64"]
  handler          = "availability.handler"
  timeout          = 15

  environment {
    variables = { IOT_ENDPOINT = "https://${data.aws_iot_endpoint.data.endpoint_address}" }
  }

  depends_on = [aws_iam_role_policy.availability, aws_cloudwatch_log_group.availability]
}

resource "aws_cloudwatch_log_group" "availability" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own; it holds names of devices and times
  #checkov:skip=CKV_AWS_338:when somebody's aid was switched off is nobody's business after a month
  name              = "/aws/lambda/${var.name}-availability"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "availability" {
  name        = "${var.name}-availability"
  description = "Reads and publishes the availability of devices"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "availability" {
  name = "availability"
  role = aws_iam_role.availability.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["iot:GetRetainedMessage", "iot:Publish", "iot:RetainPublish"]
        Resource = "${local.iot}:topic/howsitgoing/*/availability"
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.availability.arn}:*"
      },
    ]
  })
}
