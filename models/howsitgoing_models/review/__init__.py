"""People say how faces look, on a page of our own or in Label Studio; both end as votes and a label in Firestore."""
