"""Compare two trees and two files, by content alone."""
