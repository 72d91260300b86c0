"""The diary: notes under an assignment, private or shared with the track."""
