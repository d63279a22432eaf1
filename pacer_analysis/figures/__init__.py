"""Figures as geometry: from plain numbers and finished words to a scene of lines, paths, rectangles, circles and text."""
