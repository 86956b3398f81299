resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch can't publish to a topic under AWS' own key, and the alarm says nothing of a person
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alert_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

# A device that connects again and again costs money, keeps its moods from arriving, and most often shares its name with another.
resource "aws_cloudwatch_metric_alarm" "connects" {
  alarm_name          = "${var.name}-connects"
  alarm_description   = "Devices connect more often than they should. Look at the log /${var.name}/presence: DUPLICATE_CLIENTID means that two share a name."
  namespace           = "AWS/IoT"
  metric_name         = "Connect.Success"
  dimensions          = { Protocol = "MQTT" }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.connects_per_hour * max(1, length(local.clients))
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Somebody knocks with a certificate that isn't ours, or a device is refused.
resource "aws_cloudwatch_metric_alarm" "refused" {
  alarm_name          = "${var.name}-refused"
  alarm_description   = "Connections are refused. The log AWSIotLogsV2 says which certificate or policy it was."
  namespace           = "AWS/IoT"
  metric_name         = "Connect.AuthError"
  dimensions          = { Protocol = "MQTT" }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 20
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_budgets_budget" "monthly" {
  count = var.budget == null ? 0 : 1

  name         = "${var.name}-iot"
  budget_type  = "COST"
  limit_amount = format("%.1f", var.budget)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "Service"
    values = ["AWS IoT"]
  }

  dynamic "notification" {
    for_each = length(var.alert_emails) > 0 ? { ACTUAL = 80, FORECASTED = 100 } : {}
    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = var.alert_emails
    }
  }
}
