# terraform test: a plan with mocked values; nothing is asked of AWS. The requests in tests/csr are real, their keys thrown away.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/logs" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:availability" }
  }
  mock_resource "aws_iot_topic_rule" {
    defaults = { arn = "arn:aws:iot:eu-central-1:123456789012:rule/rule" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:logs" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:alarms" }
  }
  mock_resource "aws_iot_certificate" {
    defaults = { arn = "arn:aws:iot:eu-central-1:123456789012:cert/0" }
  }
}

variables {
  csr_folder       = "tests/csr"
  availability_zip = "tests/plan.tftest.hcl" # any file: nothing is uploaded
  alert_emails     = ["operator@example.org"]
}

run "everything" {
  command = apply

  assert {
    condition     = output.devices == tolist(["hat-1", "hat_2"]) && output.bridges == tolist(["home"])
    error_message = "Each request makes a client."
  }
  assert {
    condition     = aws_iot_policy_attachment.client["hat-1"].policy == "howsitgoing-device" && aws_iot_policy_attachment.client["home"].policy == "howsitgoing-bridge"
    error_message = "A bridge has another policy than a device."
  }
  assert {
    condition     = alltrue([for certificate in aws_iot_certificate.client : certificate.active && certificate.csr != null])
    error_message = "Certificates are made from requests, so that no key comes into being here."
  }
  assert {
    condition     = aws_lambda_permission.gone.source_arn == aws_iot_topic_rule.gone.arn && aws_lambda_permission.gone.source_account == "123456789012"
    error_message = "Nothing but our own rule calls the function."
  }
  assert {
    condition     = [for one in jsondecode(aws_iam_role_policy.availability.policy).Statement : one.Resource] == ["arn:aws:iot:eu-central-1:123456789012:topic/howsitgoing/*/availability", "arn:aws:logs:eu-central-1:123456789012:log-group:logs:*"]
    error_message = "The function touches the devices' availability and its own log, and nothing else."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.connects.threshold == 90
    error_message = "Thirty an hour for each of three clients."
  }
  assert {
    condition     = length(aws_budgets_budget.monthly[0].notification) == 2
    error_message = "The budget warns twice."
  }
}

run "revoked" {
  command = plan
  variables {
    revoked = ["hat-1"]
  }
  assert {
    condition     = !aws_iot_certificate.client["hat-1"].active && aws_iot_certificate.client["hat_2"].active && output.devices == tolist(["hat_2"])
    error_message = "A revoked device is out, and it alone."
  }
}

run "with_the_least" {
  command = plan
  variables {
    csr_folder     = "tests"
    alert_emails   = []
    budget         = null
    manage_logging = false
  }
  assert {
    condition     = length(output.devices) == 0 && length(aws_budgets_budget.monthly) == 0 && length(aws_iot_logging_options.this) == 0
    error_message = "Without a request there is nothing but what waits for one."
  }
}

# AWS refuses a policy of more than 2048 characters, and the longest name of a region counts.
run "in_the_region_with_the_longest_name" {
  command = plan
  variables {
    region = "ap-southeast-1"
  }
  assert {
    condition     = alltrue([for policy in [aws_iot_policy.device.policy, aws_iot_policy.bridge.policy] : length(policy) <= 2048])
    error_message = "The policy is too long for AWS."
  }
}
