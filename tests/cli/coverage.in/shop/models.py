from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=100)


class Tag(models.Model):
    word = models.CharField(max_length=30)


class Shelf(models.Model):
    place = models.CharField(max_length=30)


class Product(models.Model):
    title = models.CharField(max_length=100)
    brand = models.ForeignKey(Brand, null=True, on_delete=models.SET_NULL)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag)


class Banner(models.Model):
    text = models.TextField()


class Visit(models.Model):
    at = models.DateTimeField()
